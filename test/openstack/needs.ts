/** What a target must have for a case; without it the case is skipped and says so. */
export type Need = 'admin' | 'owner' | 'provider ovn' | 'provider amphora' | 'volumes';
