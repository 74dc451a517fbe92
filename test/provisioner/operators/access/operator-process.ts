/** The controllers of access as a process of their own, to be killed: node operator-process.ts <kubeconfig of its service account>. Writes what it says to stderr. */
import { readFile } from 'node:fs/promises';
import { Registry } from 'prom-client';
import { fromKubeconfig } from '../../../../provisioner/kube/index.ts';
import { testContext } from '../surroundings.ts';
import { startAccess } from './start-access.ts';

const client = await fromKubeconfig(await readFile(process.argv[2] ?? '', 'utf8'), { userAgent: 'keelson-operator' });
const context = testContext(client);
setInterval(() => process.stderr.write(context.said.splice(0).map((line) => `${line}\n`).join('')), 50);
startAccess(context, new Registry());
