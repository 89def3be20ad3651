/** The parts of Settings, in `?part=`. */
export const settingsParts = ['recovery-key', 'channels', 'contacts', 'heartbeat', 'keys', 'people', 'workers', 'ca-files', 'account'] as const
export type SettingsPart = (typeof settingsParts)[number]
