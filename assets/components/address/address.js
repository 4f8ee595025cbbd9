// The address bar follows the view. What the page does not name is not its own any more, except what is written in the
// browser itself, or was there before.
import { replaceAddress } from "../shared/input/address.js";
import { isPresenting } from "../shared/draw/present.js";
import { told } from "../shared/mount/told.js";

const OTHERS = ["step", "present", "tree", "embed", "embed_options"];

/**
 * @typedef {object} AddressData
 * @property {Record<string, string>} query
 * @property {string} page
 * @property {string} session names it
 * @property {number} number how many the session has written, this one included
 */

let session = "", newest = 0;

export default told((/** @type {AddressData} */ data) => {
  // The server has forgotten the session of this page, as after a lid was closed for long, and has begun another one with
  // an older view: the address is the truth, so the page is loaded again as it says.
  if (session && session !== data.session) {
    window.location.reload();
    return;
  }
  session = data.session;
  if (data.number < newest) return; // of a run that was broken off
  newest = data.number;
  const url = new URL(window.location.href);
  for (const name of [...url.searchParams.keys()]) if (!OTHERS.includes(name)) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(data.query)) url.searchParams.set(name, value);
  if (isPresenting()) url.searchParams.set("present", "1"); // on another page, too
  replaceAddress(url);
  // By the page's language a browser picks the glyphs of Chinese characters, and a screen reader its voice.
  const root = document.documentElement, lang = data.query.lang === "zh" ? "zh-CN" : "en";
  if (root.lang !== lang) root.lang = lang; // every element's style is worked out anew
});
