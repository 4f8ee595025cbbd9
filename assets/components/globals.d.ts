// What components hang on elements of the page, for others to find.
interface Element {
  /** The nodes of an SVG that shows what the component in it shows, and their size. */
  gfPicture?: (part?: string) => { nodes: Node[]; width: number; height: number };
  /** Whose words the rows and the columns of a picture are. */
  gfHandles?: [[string, number], [string, number] | null];
  /** Where a picture stands on a sheet of equal ones. */
  gfSheet?: { href: string; x: number; y: number; columns: number; rows: number };
}
