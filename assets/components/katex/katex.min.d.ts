// It exports nothing: it puts itself onto the window.
export {};
