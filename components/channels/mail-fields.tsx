import { Select } from '#components/ui/select.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import type { ChannelFields } from './channel-fields.ts'

/** How mail goes out, from whom and to whom. */
export function MailFields(props: {
  fields: ChannelFields
  set: (change: Partial<ChannelFields>) => void
  fault: (field: string) => string | null
  isNew: boolean
}) {
  const { fields, set, fault, isNew } = props
  return (
    <div className="grid items-start gap-4 sm:grid-cols-6">
      <Select
        label="Goes out by"
        className="sm:col-span-6"
        value={fields.by}
        onChange={(by) => set({ by })}
        options={[
          { value: 'smtp', label: 'A mail server (SMTP)' },
          { value: 'sendmail', label: 'sendmail', detail: 'of the worker’s machine, at /usr/sbin/sendmail' },
        ]}
      />
      {fields.by === 'smtp' && (
        <>
          <TextField
            label="Mail server"
            className="sm:col-span-3"
            value={fields.host}
            onChange={(host) => set({ host })}
            error={fault('host')}
            mono
            placeholder="mail.example.com"
          />
          <TextField
            label="Port"
            className="sm:col-span-1"
            value={fields.port}
            onChange={(port) => set({ port })}
            error={fault('port')}
            mono
            inputMode="numeric"
          />
          <Select
            label="Encryption"
            className="sm:col-span-2"
            value={fields.security}
            onChange={(security) => set({ security, ...(fields.port === '587' && security === 'tls' ? { port: '465' } : {}) })}
            options={[
              { value: 'starttls', label: 'STARTTLS', detail: 'required, usually port 587' },
              { value: 'tls', label: 'TLS', detail: 'from the first byte, port 465' },
              { value: 'none', label: 'None', detail: 'only with the consent below' },
            ]}
          />
          <TextField
            label="User name"
            className="sm:col-span-3"
            value={fields.username}
            onChange={(username) => set({ username })}
            error={fault('username')}
            mono
            optional
            autoComplete="off"
          />
          <TextField
            label="Password"
            className="sm:col-span-3"
            type="password"
            value={fields.password}
            onChange={(password) => set({ password })}
            error={fault('password')}
            optional
            autoComplete="new-password"
            help={
              isNew ? 'Sealed at once: this console cannot read it again.' : 'Leave empty to keep it. It is asked for again where the server changes.'
            }
          />
        </>
      )}
      <TextField
        label="From"
        className="sm:col-span-3"
        value={fields.from}
        onChange={(from) => set({ from })}
        error={fault('from')}
        mono
        placeholder="lifeboat@example.com"
      />
      <TextField
        label="To"
        className="sm:col-span-3"
        value={fields.to}
        onChange={(to) => set({ to })}
        error={fault('to')}
        mono
        rows={2}
        help="One address a line."
      />
    </div>
  )
}
