/** Where a sealed secret belongs: `table|row|column`. It is authenticated with the secret, so a secret cannot be moved to another row. */
export function passwordPlace(databaseId: string): string {
  return `databases|${databaseId}|password_sealed`
}

export function storageSecretPlace(storageId: string): string {
  return `storages|${storageId}|secret_sealed`
}

export function channelSecretPlace(channelId: string): string {
  return `channels|${channelId}|secret_sealed`
}

export function heartbeatUrlPlace(): string {
  return 'settings|heartbeat|urlSealed'
}

export function channelSecretForWebPlace(channelId: string): string {
  return `channels|${channelId}|secret_for_web`
}
