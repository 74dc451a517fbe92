/** The first ten, and how many more: for messages. */
export function shortList(list: readonly string[]): string {
  return [...list.slice(0, 10), ...(list.length > 10 ? [`and ${list.length - 10} more`] : [])].join(', ');
}
