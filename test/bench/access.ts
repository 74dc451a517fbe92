/** `npm run bench -- access [organizations | login | bindings]`: rights that follow an Organization, logins to clusters, and rights that come and go in several. */
import { accessLoginFigures } from './access-login.ts';
import { bindingFigures } from './access/bindings.ts';
import { organizationFigures } from './access/organizations.ts';
import { measureGroups, type Figure } from './figures.ts';

export const accessFigures = (groups: readonly string[]): Promise<Figure[]> => measureGroups({ organizations: organizationFigures, login: accessLoginFigures, bindings: bindingFigures }, groups);
