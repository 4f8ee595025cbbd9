// The address bar.

// A choice that the server need not know goes into the address, in place; null takes it out.
export const writeQuery = (name, value) => {
  const url = new URL(window.location.href);
  if (value === null) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  replaceAddress(url);
};

// In place: no history entry, so that Back leaves the page in one click.
export const replaceAddress = (url) => {
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
};
