import type { ColumnType, JSONColumnType } from 'kysely'

/** Columns as they are read, inserted and updated: what the catalogue gives itself need not be given. */
export type Time = ColumnType<Date, Date | string, Date | string>
export type DefaultTime = ColumnType<Date, Date | string | undefined, Date | string>
export type OptionalTime = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>
export type Json<T extends object | null> = JSONColumnType<T>
export type DefaultJson<T extends object> = ColumnType<T, string | undefined, string>
export type OptionalJson<T extends object> = ColumnType<T | null, string | null | undefined, string | null>
export type Optional<T> = ColumnType<T | null, T | null | undefined, T | null>
