/** What every cluster records for boards, beside what alerts read: load, room, and the ten that stand out. */
import type { RuleGroup } from '../rules/model.ts';
import { capacityRecords } from './capacity.ts';
import { controlPlaneLoadRecords } from './control-plane.ts';
import { dnsServerRecords } from './dns.ts';
import { prometheusLoadRecords } from './monitoring.ts';
import { nodeUseRecords } from './nodes.ts';
import { podRecords } from './pods.ts';

export const recordedGroups: readonly RuleGroup[] = [nodeUseRecords, podRecords, controlPlaneLoadRecords, dnsServerRecords, capacityRecords, prometheusLoadRecords];
