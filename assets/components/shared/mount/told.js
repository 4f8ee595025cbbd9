// What Streamlit calls, of a module that draws nothing.

/**
 * @template Data
 * @param {(data: Data, send: (event: string, value: any) => void) => void} hear
 */
export const told = (hear) => (/** @type {{data: string, setTriggerValue: (event: string, value: any) => void}} */ { data, setTriggerValue }) =>
  hear(JSON.parse(data), setTriggerValue);
