/** Everything of access against one API server, which is the management and the workload cluster at once: starting one takes longer than most cases. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeWith } from '../../../fixtures/needs.ts';
import { accessBindingCases } from './access-binding-cases.ts';
import { chainCases } from './chain-cases.ts';
import { clusterAccessCases } from './cluster-access-cases.ts';
import { type Issuing, oidcCases, startIssuing } from './oidc-cases.ts';
import { escapeCases } from './escape-cases.ts';
import { lostRoleCases } from './lost-role-cases.ts';
import { rightsCases } from './rights-cases.ts';
import { type Plane, planeNeeds, startPlane } from './plane.ts';

describeWith(planeNeeds, 'access, against a real API server', () => {
  let plane: Plane;
  let issuing: Issuing;
  beforeAll(async () => {
    issuing = await startIssuing();
    plane = await startPlane({ flags: issuing.flags, admission: true });
    plane.startOperator();
  }, 180_000);
  afterAll(async () => {
    await plane?.stop();
    await issuing?.stop();
  });

  describe('login by OIDC', () => oidcCases(() => ({ plane, issuer: issuing.issuer })));
  describe('who may do what', () => rightsCases(() => plane));
  describe('AccessBinding', () => accessBindingCases(() => plane));
  describe('escapes', () => escapeCases(() => plane));
  describe('a role that is lost', () => lostRoleCases(() => plane));
  describe('chains of two steps in a workload cluster', () => chainCases(() => plane));
  // Last: it turns the clock and breaks the policies.
  describe('ClusterAccess', () => clusterAccessCases(() => plane));
});
