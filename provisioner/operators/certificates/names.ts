/** Labels and annotations on the Secrets that `certificates` writes. */

/** On our Secrets: `ca` or `serving`. Only labelled Secrets are watched. */
export const certificateLabel = 'keelson.dev/certificate';
/** On a serving Secret: name of the Service it was issued for. */
export const servingForAnnotation = 'keelson.dev/serving-cert-for';
export const fieldManager = 'keelson-certificates';
