/** All cases, in the order they run. */
import type { Case } from './case.ts';
import { accessRuleCases } from './cases/access-rules.ts';
import { computeCases } from './cases/compute.ts';
import { identityCases } from './cases/identity.ts';
import { imageCases } from './cases/image.ts';
import { ipv6Cases } from './cases/ipv6.ts';
import { loadBalancerCases } from './cases/load-balancer.ts';
import { networkCases } from './cases/network.ts';
import { portCases } from './cases/ports.ts';
import { projectCases } from './cases/projects.ts';
import { routerCases } from './cases/routers.ts';
import { schedulingCases } from './cases/scheduling.ts';
import { securityGroupCases } from './cases/security-groups.ts';
import { serverVolumeCases } from './cases/server-volumes.ts';
import { sharingCases } from './cases/sharing.ts';
import { trunkCases } from './cases/trunks.ts';
import { volumeCases } from './cases/volumes.ts';

export const cases: readonly Case[] = [
  ...identityCases, ...accessRuleCases, ...imageCases, ...networkCases, ...portCases, ...trunkCases, ...ipv6Cases, ...routerCases, ...securityGroupCases, ...computeCases, ...schedulingCases,
  ...volumeCases, ...serverVolumeCases, ...loadBalancerCases, ...projectCases, ...sharingCases,
];
