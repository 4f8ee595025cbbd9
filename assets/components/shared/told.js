// What a component is told comes as the bytes of a JSON text: see `ui/parts/modules.py`.

const decoder = new TextDecoder();

/** @type {(bytes: Uint8Array) => string} */
export const textOf = (bytes) => decoder.decode(bytes);

/**
 * What Streamlit calls, of a module that draws nothing.
 *
 * @template Data
 * @param {(data: Data, send: (event: string, value: any) => void) => void} hear
 */
export const told = (hear) => (/** @type {{data: Uint8Array, setTriggerValue: (event: string, value: any) => void}} */ { data, setTriggerValue }) =>
  hear(JSON.parse(textOf(data)), setTriggerValue);
