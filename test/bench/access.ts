/** `npm run bench -- access [organizations | login]`: rights that follow an Organization, and logins to clusters. */
import { accessLoginFigures } from './access-login.ts';
import { organizationFigures } from './access/organizations.ts';
import { measureGroups, type Figure } from './figures.ts';

export const accessFigures = (groups: readonly string[]): Promise<Figure[]> => measureGroups({ organizations: organizationFigures, login: accessLoginFigures }, groups);
