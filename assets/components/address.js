// The address bar follows the view. replaceState, not pushState: a reader's Back leaves the page in one click.
const OURS = ["lang", "model", "source", "target", "stack", "block", "layer", "head", "site", "cell", "average"];

export default function ({ data }) {
  const url = new URL(window.location.href);
  for (const name of OURS) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(data.query)) url.searchParams.set(name, value);
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}
