/** Arguments of control plane components: kubeadm v1beta4 takes a list of names and values. */

export interface Argument {
  readonly name: string;
  readonly value: string;
}
