import type { Handler } from '#lib/http/route.ts'
import * as alertAcknowledge from './alerts/[id]/acknowledge/route.ts'
import * as alertSilence from './alerts/[id]/silence/route.ts'
import * as alert from './alerts/[id]/route.ts'
import * as alerts from './alerts/route.ts'
import * as placeHold from './backups/[id]/holds/route.ts'
import * as look from './backups/[id]/look/route.ts'
import * as backup from './backups/[id]/route.ts'
import * as compare from './backups/compare/route.ts'
import * as backups from './backups/route.ts'
import * as verify from './backups/verify/route.ts'
import * as caCertificates from './ca-certificates/route.ts'
import * as channelPause from './channels/[id]/pause/route.ts'
import * as channelTest from './channels/[id]/test/route.ts'
import * as channelResume from './channels/[id]/resume/route.ts'
import * as channel from './channels/[id]/route.ts'
import * as channels from './channels/route.ts'
import * as checkHistory from './checks/history/route.ts'
import * as checks from './checks/route.ts'
import * as clones from './clones/route.ts'
import * as contact from './contacts/[id]/route.ts'
import * as contacts from './contacts/route.ts'
import * as databaseCheck from './databases/[id]/check/route.ts'
import * as databaseKept from './databases/[id]/kept/route.ts'
import * as database from './databases/[id]/route.ts'
import * as standardPlan from './databases/[id]/standard-plan/route.ts'
import * as copies from './copies/route.ts'
import * as databases from './databases/route.ts'
import * as databaseTest from './databases/test/route.ts'
import * as releaseHold from './holds/[id]/release/route.ts'
import * as imports from './imports/route.ts'
import * as approval from './operations/[id]/approval/route.ts'
import * as cancel from './operations/[id]/cancel/route.ts'
import * as events from './operations/[id]/events/route.ts'
import * as keyRetire from './keys/[id]/retire/route.ts'
import * as keyRewrap from './keys/rewrap/route.ts'
import * as keys from './keys/route.ts'
import * as logs from './logs/route.ts'
import * as nativeBackups from './native-backups/route.ts'
import * as operation from './operations/[id]/route.ts'
import * as undo from './operations/[id]/undo/route.ts'
import * as operations from './operations/route.ts'
import * as overview from './overview/route.ts'
import * as confirm from './recovery-key/confirm/route.ts'
import * as prunes from './prunes/route.ts'
import * as recoveryKey from './recovery-key/route.ts'
import * as reports from './reports/route.ts'
import * as restores from './restores/route.ts'
import * as retentionDuty from './retention/duties/[id]/route.ts'
import * as retentionDuties from './retention/duties/route.ts'
import * as retentionKept from './retention/kept/route.ts'
import * as retentionResume from './retention/resume/route.ts'
import * as retention from './retention/route.ts'
import * as retentionRule from './retention/rules/[id]/route.ts'
import * as retentionRules from './retention/rules/route.ts'
import * as retentionSettings from './retention/settings/route.ts'
import * as retentionSimulate from './retention/simulate/route.ts'
import * as runbookRun from './runbook-runs/[id]/route.ts'
import * as runbookRuns from './runbook-runs/route.ts'
import * as schedulePause from './schedules/[id]/pause/route.ts'
import * as scheduleResume from './schedules/[id]/resume/route.ts'
import * as schedule from './schedules/[id]/route.ts'
import * as schedulePreview from './schedules/preview/route.ts'
import * as schedules from './schedules/route.ts'
import * as search from './search/route.ts'
import * as session from './session/route.ts'
import * as sessionConfirm from './session/confirm/route.ts'
import * as sessionPassword from './session/password/route.ts'
import * as settingsApprovals from './settings/approvals/route.ts'
import * as settingsEscalation from './settings/escalation/route.ts'
import * as settingsHeartbeatTest from './settings/heartbeat/test/route.ts'
import * as settingsHeartbeat from './settings/heartbeat/route.ts'
import * as settingsImports from './settings/imports/route.ts'
import * as settingsKms from './settings/kms/route.ts'
import * as settingsVerification from './settings/verification/route.ts'
import * as setup from './setup/route.ts'
import * as storageCheck from './storages/[id]/check/route.ts'
import * as storageDrift from './storages/[id]/drift/route.ts'
import * as reconcile from './storages/[id]/reconcile/route.ts'
import * as storage from './storages/[id]/route.ts'
import * as storages from './storages/route.ts'
import * as storageTest from './storages/test/route.ts'
import * as swaps from './swaps/route.ts'
import * as user from './users/[id]/route.ts'
import * as userPasswordLink from './users/[id]/password-link/route.ts'
import * as users from './users/route.ts'
import * as watch from './watch/route.ts'
import * as workers from './workers/route.ts'

/** Every route of the API, for openapi.json; a test compares the list with the folders. */
export const routes: Record<string, Record<string, Handler>> = {
  '/alerts': alerts,
  '/alerts/{id}': alert,
  '/alerts/{id}/acknowledge': alertAcknowledge,
  '/alerts/{id}/silence': alertSilence,
  '/backups': backups,
  '/backups/compare': compare,
  '/backups/verify': verify,
  '/backups/{id}': backup,
  '/backups/{id}/holds': placeHold,
  '/backups/{id}/look': look,
  '/ca-certificates': caCertificates,
  '/channels': channels,
  '/channels/{id}': channel,
  '/channels/{id}/pause': channelPause,
  '/channels/{id}/resume': channelResume,
  '/channels/{id}/test': channelTest,
  '/checks': checks,
  '/checks/history': checkHistory,
  '/clones': clones,
  '/holds/{id}/release': releaseHold,
  '/copies': copies,
  '/imports': imports,
  '/contacts': contacts,
  '/contacts/{id}': contact,
  '/databases': databases,
  '/databases/test': databaseTest,
  '/databases/{id}': database,
  '/databases/{id}/kept': databaseKept,
  '/databases/{id}/check': databaseCheck,
  '/keys': keys,
  '/keys/rewrap': keyRewrap,
  '/keys/{id}/retire': keyRetire,
  '/logs': logs,
  '/databases/{id}/standard-plan': standardPlan,
  '/native-backups': nativeBackups,
  '/operations': operations,
  '/operations/{id}': operation,
  '/operations/{id}/approval': approval,
  '/operations/{id}/cancel': cancel,
  '/operations/{id}/events': events,
  '/operations/{id}/undo': undo,
  '/overview': overview,
  '/prunes': prunes,
  '/recovery-key': recoveryKey,
  '/recovery-key/confirm': confirm,
  '/reports': reports,
  '/restores': restores,
  '/retention': retention,
  '/retention/duties': retentionDuties,
  '/retention/duties/{id}': retentionDuty,
  '/retention/kept': retentionKept,
  '/retention/resume': retentionResume,
  '/retention/rules': retentionRules,
  '/retention/rules/{id}': retentionRule,
  '/retention/settings': retentionSettings,
  '/retention/simulate': retentionSimulate,
  '/runbook-runs': runbookRuns,
  '/runbook-runs/{id}': runbookRun,
  '/schedules': schedules,
  '/schedules/preview': schedulePreview,
  '/schedules/{id}': schedule,
  '/schedules/{id}/pause': schedulePause,
  '/schedules/{id}/resume': scheduleResume,
  '/search': search,
  '/session': session,
  '/session/confirm': sessionConfirm,
  '/session/password': sessionPassword,
  '/settings/approvals': settingsApprovals,
  '/settings/escalation': settingsEscalation,
  '/settings/heartbeat': settingsHeartbeat,
  '/settings/heartbeat/test': settingsHeartbeatTest,
  '/settings/imports': settingsImports,
  '/settings/kms': settingsKms,
  '/settings/verification': settingsVerification,
  '/setup': setup,
  '/storages': storages,
  '/storages/test': storageTest,
  '/storages/{id}': storage,
  '/storages/{id}/check': storageCheck,
  '/storages/{id}/drift': storageDrift,
  '/storages/{id}/reconcile': reconcile,
  '/swaps': swaps,
  '/users': users,
  '/users/{id}': user,
  '/users/{id}/password-link': userPasswordLink,
  '/watch': watch,
  '/workers': workers,
}
