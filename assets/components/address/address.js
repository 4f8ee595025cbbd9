// The address bar follows the view. replaceState, not pushState: a reader's Back leaves the page in one click.
// What the page does not name is not its own any more, except what is written in the browser itself, or was there before.
const OTHERS = ["step", "tree", "embed", "embed_options"];

export default function ({ data }) {
  const url = new URL(window.location.href);
  for (const name of [...url.searchParams.keys()]) if (!OTHERS.includes(name)) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(data.query)) url.searchParams.set(name, value);
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}
