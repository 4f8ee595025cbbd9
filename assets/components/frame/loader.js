// How the frame of a page finds the modules of components: what each message of one calls, and the words it tells by name.

/**
 * Imported once: what waits for one promise goes on in its order, and what waits for several need not. What was asked for
 * before the frame was there has waited in a queue. Data come as a deflated text, and are inflated at once; but what was
 * told first is heard first, however long either takes. A module that is not there is said in the reader's language, where
 * it would have drawn something.
 *
 * No angle bracket may stand before a letter here: Streamlit would throw the whole script away.
 *
 * @param {{place: string, lost: string, words: any}} told
 */
// eslint-disable-next-line no-unused-vars -- called in the page, see ui/parts/modules.py
function startLoader({ place, lost, words }) {
  const base = new URL(place, document.baseURI);
  /** @type {any} by name */
  const known = {};
  const say = ({ parentElement }) => { if (parentElement.host) parentElement.textContent = lost; };
  const at = (name) => new URL(`${name.includes("/") ? name : `${name}/${name}`}.js`, base).href;
  const inflate = (data) => new Response(new Response(data).body?.pipeThrough(new DecompressionStream("deflate"))).text(); // a Blob is known to the browser, which takes longer
  let told = Promise.resolve("");
  const load = (name, called) => {
    const text = inflate(called.data);
    told = told.then(() => text, () => text);
    return Promise.all([known[name] ??= import(at(name)), told])
      .then(([module, data]) => module.default({ ...called, data }), () => say(called));
  };
  const early = Array.isArray(self.gf) ? self.gf : [];
  self.gf = { push: (name, called, done) => done(load(name, called)), lost, words };
  for (let i = 0; i < early.length; i += 3) self.gf.push(early[i], early[i + 1], early[i + 2]);
}
