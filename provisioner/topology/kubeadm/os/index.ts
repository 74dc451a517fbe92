/** Everything that the variable `os` makes of a node. */
import type { Inputs } from '../../patches/inputs.ts';
import { joinParts, type NodePart } from '../part.ts';
import { kernelSettings } from './kernel.ts';
import { proxy } from './proxy.ts';
import { registryMirrors } from './registries.ts';
import { timeServers } from './time.ts';
import { certificateAuthorities } from './trust.ts';
import { sshCertificateAuthorities } from './users.ts';

export function operatingSystem(inputs: Inputs): NodePart {
  const { os } = inputs.variables;
  return joinParts([kernelSettings(os), certificateAuthorities(os), proxy(inputs), registryMirrors(os), sshCertificateAuthorities(os), timeServers(os)]);
}
