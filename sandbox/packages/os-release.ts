/** Which distribution this is, from the text of /etc/os-release (os-release(5)), and how its package manager is called. */

/** apt: packages can be installed by us; other: only the line to type is known, or not even that. */
export type PackageManager = 'apt' | 'dnf' | 'unknown';

/** Debian and Ubuntu, and what calls itself like them; the same for Fedora. @param text of /etc/os-release; undefined where there is none */
export function packageManagerOf(text: string | undefined): PackageManager {
  const fields = new Map((text ?? '').split('\n').flatMap((line) => {
    const [, key, value] = /^([A-Z_]+)=["']?(.*?)["']?$/.exec(line.trim()) ?? [];
    return key !== undefined && value !== undefined ? [[key, value] as const] : [];
  }));
  const names = [fields.get('ID') ?? '', ...(fields.get('ID_LIKE') ?? '').split(/\s+/)];
  if (names.some((name) => name === 'debian' || name === 'ubuntu')) return 'apt';
  if (names.some((name) => name === 'fedora' || name === 'rhel')) return 'dnf';
  return 'unknown';
}
