import { TextField } from '#components/ui/text-field.tsx'

interface Props {
  tags: string
  regions: string
  /** regions that storages name */
  known: readonly string[]
  problems: { tags?: string | null | undefined; regions?: string | null | undefined }
  onTags: (text: string) => void
  onRegions: (text: string) => void
}

/** Tags and allowed regions, each typed in one line. */
export function PlacingFields({ tags, regions, known, problems, onTags, onRegions }: Props) {
  const words = [...new Set(known)].sort().join(', ')
  return (
    <>
      <TextField
        label="Tags"
        value={tags}
        onChange={onTags}
        error={problems.tags ?? null}
        optional
        placeholder="financial"
        help="With commas between. Duties of retention name tags: databases tagged financial fall under SOX."
      />
      <TextField
        label="Regions allowed"
        value={regions}
        onChange={onRegions}
        error={problems.regions ?? null}
        optional
        help={`With commas between; empty: anywhere. A copy on a storage elsewhere is refused. ${words === '' ? 'No storage names a region yet.' : `Storages lie in ${words}.`}`}
      />
    </>
  )
}
