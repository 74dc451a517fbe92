/** The four roles people and machines have in an organization's namespace and in its clusters. Bindings and rights derive from them. */

export const roleNames = ['reader', 'editor', 'admin', 'automation'] as const;
export type RoleName = (typeof roleNames)[number];

export interface Role {
  readonly name: RoleName;
  readonly description: string;
  /** Whether the role may read Secrets in a cluster. In an organization's namespace nobody may: keys and kubeconfigs of clusters are among them. */
  readonly canReadSecrets: boolean;
  /** Whether the role may give roles to others. */
  readonly canGrant: boolean;
}

export const roles: Readonly<Record<RoleName, Role>> = {
  reader: role('reader', 'Sees clusters, Apps and their state; changes nothing, reads no Secret.', { canReadSecrets: false, canGrant: false }),
  editor: role('editor', 'Creates, changes and deletes clusters and Apps; logs in to clusters.', { canReadSecrets: true, canGrant: false }),
  admin: role('admin', "Everything in the organization's namespace, including who else may do what.", { canReadSecrets: true, canGrant: true }),
  automation: role('automation', 'What a pipeline needs: creates and changes clusters and Apps, waits for their state; reads no Secret, grants nothing.', { canReadSecrets: false, canGrant: false }),
};

function role(name: RoleName, description: string, rights: { canReadSecrets: boolean; canGrant: boolean }): Role {
  return { name, description, ...rights };
}
