/** All cases, in the order they run. */
import type { Case } from './case.ts';
import { computeCases } from './cases/compute.ts';
import { identityCases } from './cases/identity.ts';
import { imageCases } from './cases/image.ts';
import { loadBalancerCases } from './cases/load-balancer.ts';
import { networkCases } from './cases/network.ts';
import { portCases } from './cases/ports.ts';
import { projectCases } from './cases/projects.ts';
import { routerCases } from './cases/routers.ts';
import { securityGroupCases } from './cases/security-groups.ts';

export const cases: readonly Case[] = [
  ...identityCases, ...imageCases, ...networkCases, ...portCases, ...routerCases, ...securityGroupCases, ...computeCases, ...loadBalancerCases, ...projectCases,
];
