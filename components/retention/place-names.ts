import type { Place } from './draft-rules.ts'

export interface Named {
  id: string
  name: string
}

/** `Every database`, `billing on every storage`, `billing on s3`, `Every database on s3`. */
export function placeWords(place: Place, databases: readonly Named[], storages: readonly Named[]): string {
  const database = place.databaseId === null ? 'Every database' : (nameIn(databases, place.databaseId) ?? 'a database that is gone')
  if (place.storageId === null) return place.databaseId === null ? 'Every database, every storage' : `${database}, every storage`
  return `${database} on ${nameIn(storages, place.storageId) ?? 'a storage that is gone'}`
}

function nameIn(list: readonly Named[], id: string): string | undefined {
  return list.find((one) => one.id === id)?.name
}
