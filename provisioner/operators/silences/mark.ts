/**
 * How our silences are told from those that people made by hand: by a mark at the end of the comment, and by who made them.
 * Alertmanager's own page keeps the comment when somebody makes a copy, and puts that person's name on it: then it is theirs.
 */

const madeBy = ' (keelson.dev)';
const mark = /\[keelson\.dev (\S+)\]$/;

/** Which object, of which life, and for a window which one. */
export function keyOf(kind: 'Silence' | 'MaintenanceWindow', { namespace = '', name, uid = '' }: { readonly namespace?: string; readonly name: string; readonly uid?: string }, from?: Date): string {
  return `${kind}/${namespace}/${name}/${uid}${from ? `/${from.toISOString()}` : ''}`;
}

export function marked({ key, owner, reason }: { readonly key: string; readonly owner: string; readonly reason: string }): { readonly createdBy: string; readonly comment: string } {
  return { createdBy: `${owner}${madeBy}`, comment: `${reason} [keelson.dev ${key}]` };
}

/** The key of one of ours; undefined for what a person made. */
export function keyIn({ createdBy, comment }: { readonly createdBy: string; readonly comment: string }): string | undefined {
  return createdBy.endsWith(madeBy) ? mark.exec(comment)?.[1] : undefined;
}
