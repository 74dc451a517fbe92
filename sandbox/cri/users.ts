/** Who a container runs as: numbers from the pod, names from the image's own /etc/passwd and /etc/group. */
import { RuntimeError } from './errors.ts';

export interface UserRequest {
  /** `USER` of the image: `name`, `uid`, `name:group` or `uid:gid`; empty for root. */
  readonly imageUser: string;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly username: string;
  readonly supplementalGroups: readonly number[];
  /** Strict leaves out the groups that /etc/group gives the user (KEP-3619). */
  readonly isStrict: boolean;
}

export interface User {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, sorted, without the primary one. */
  readonly groups: readonly number[];
  readonly home: string;
}

/** @param files texts of the container's /etc/passwd and /etc/group. Throws INVALID_ARGUMENT for a name they do not know. */
export function resolveUser(request: UserRequest, files: { readonly passwd: string; readonly group: string }): User {
  const accounts = rows(files.passwd).map(([name = '', , uid, gid, , home]) => ({ name, uid: Number(uid), gid: Number(gid), home: home || '/' }));
  const groupRows = rows(files.group).map(([name = '', , gid, members = '']) => ({ name, gid: Number(gid), members: members.split(',') }));
  const fromPod = request.uid !== undefined ? String(request.uid) : request.username;
  const [userPart = '', groupPart = ''] = fromPod ? [fromPod] : request.imageUser.split(':');
  const account = accounts.find((a) => (isNumber(userPart) ? a.uid === Number(userPart) : a.name === (userPart || 'root')));
  if (!account && userPart !== '' && !isNumber(userPart)) {
    throw new RuntimeError('INVALID_ARGUMENT', `unable to find user ${userPart}: no matching entries in passwd file`);
  }
  const uid = account?.uid ?? Number(userPart || 0);
  const gid = request.gid ?? groupId(groupPart, groupRows) ?? account?.gid ?? 0;
  const memberships = request.isStrict || !account ? [] : groupRows.filter((row) => row.members.includes(account.name)).map((row) => row.gid);
  const groups = [...new Set([...request.supplementalGroups, ...memberships])].filter((group) => group !== gid).sort((a, b) => a - b);
  return { uid, gid, groups, home: account?.home ?? '/' };
}

function groupId(group: string, known: readonly { name: string; gid: number }[]): number | undefined {
  if (group === '') return undefined;
  if (isNumber(group)) return Number(group);
  const found = known.find((row) => row.name === group);
  if (!found) throw new RuntimeError('INVALID_ARGUMENT', `unable to find group ${group}: no matching entries in group file`);
  return found.gid;
}

function rows(text: string): string[][] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(':'));
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
