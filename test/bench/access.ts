/** `npm run bench -- access [organizations | login]`: rights that follow an Organization, and logins to clusters. */
import { accessLoginFigures } from './access-login.ts';
import { organizationFigures } from './access/organizations.ts';
import type { Figure } from './figures.ts';

const parts: Readonly<Record<string, () => Promise<readonly Figure[]>>> = { organizations: organizationFigures, login: accessLoginFigures };

/** All parts, or those that are named. @throws Error for a part that is none */
export async function accessFigures(groups: readonly string[]): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const name of groups.length > 0 ? groups : Object.keys(parts)) {
    const part = parts[name];
    if (!part) throw new Error(`no part "${name}"; there are ${Object.keys(parts).join(', ')}`);
    figures.push(...(await part()));
  }
  return figures;
}
