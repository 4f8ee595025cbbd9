// The address bar follows the view. replaceState, not pushState: a reader's Back leaves the page in one click.
const OURS = ["lang", "model", "source", "target", "stack", "block", "layer", "head", "site", "cell", "average"];

export default function ({ data, parentElement }) {
  const url = new URL(window.location.href);
  // What a page of its own wrote there before goes, too, once it is as it was at first.
  for (const name of [...OURS, ...(parentElement.written ?? [])]) url.searchParams.delete(name);
  parentElement.written = Object.keys(data.query);
  for (const [name, value] of Object.entries(data.query)) url.searchParams.set(name, value);
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}
