/** Charts made on the spot, for tests of the Helm driver and of what drives it. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Writes a chart of the given templates and returns its folder. @param templates file name → content */
export async function writeChart(folder: string, name: string, templates: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const chart = join(folder, name);
  const all: Record<string, string> = {
    'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`,
    'values.yaml': 'greeting: hello\n',
    ...files,
    ...Object.fromEntries(Object.entries(templates).map(([file, content]) => [`templates/${file}`, content])),
  };
  for (const [path, content] of Object.entries(all)) {
    await mkdir(dirname(join(chart, path)), { recursive: true });
    await writeFile(join(chart, path), content);
  }
  return chart;
}

export const tempFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'keelson-charts-'));

export const configMap = `apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}-greeting"}
data: {greeting: {{ .Values.greeting | quote }}}
`;

export const secret = `apiVersion: v1
kind: Secret
metadata: {name: "{{ .Release.Name }}-secret"}
stringData: {password: {{ .Values.password | quote }}}
`;

/** A Job before the upgrade that nothing runs: Helm waits for it until its timeout. */
export const stuckHook = `apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Release.Name }}-hook"
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: before-hook-creation}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: x, image: example.test/x}]
`;
