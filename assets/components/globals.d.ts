// How the frame loads components (ui/parts/modules.py), what is said where one is lost, and the words that are told by name.
interface Window {
  gf: { push: (name: string, called: object, done: (ended: Promise<any>) => void) => void; lost: string; words: Record<string, Record<string, string>> };
}

// What components hang on elements of the page, for others to find.
interface Element {
  /** The nodes of an SVG that shows what the component in it shows, and their size. */
  gfPicture?: (part?: string) => { nodes: Node[]; width: number; height: number };
  /** Whose words the rows and the columns of a picture are. */
  gfHandles?: [[string, number], [string, number] | null];
  /** Where a picture stands on a sheet of equal ones. */
  gfSheet?: { href: string; x: number; y: number; columns: number; rows: number };
}
