/** Values by which a chart takes its images from a mirror. */
import type { BundleApp } from '../../api/cluster-bundle.ts';
import { mergeValues, type Values } from '../../helm/index.ts';

/**
 * @param registry host and path before the repository of every image: `mirror.example/k8s` makes
 * `registry.k8s.io/pause` into `mirror.example/k8s/pause`
 */
export function mirroredValues({ images }: Pick<BundleApp, 'images'>, registry: string): Values {
  if (!images) return { global: { imageRegistry: registry } };
  return Object.entries(images).reduce((values: Values, [path, image]) => mergeValues(values, nested(path.split('.'), mirrored(image, registry))), {});
}

/** The first part of an image is its registry: every image of a bundle is written out in full. */
export function mirrored(image: string, registry: string): string {
  return `${registry.replace(/\/+$/, '')}/${image.slice(image.indexOf('/') + 1)}`;
}

function nested([key = '', ...rest]: readonly string[], value: string): Values {
  return { [key]: rest.length === 0 ? value : nested(rest, value) };
}
