import { Flex, Link, LoadingButton, Text, Tile } from '@hubspot/ui-extensions';
import { CrmActionButton } from '@hubspot/ui-extensions/crm';
import type { Lead } from '../api/types';
import type { TaskHook } from '../hooks/useTask';
import { nextAction, nextSentence, taskLine, words } from '../words';

type Props = { lead: Lead; timezone: string; task: TaskHook };

/** The one thing to do, why, and the card's only primary button. */
export function Next({ lead, timezone, task }: Props) {
  return (
    <Tile compact>
      <Flex direction="row" gap="small" align="center" justify="between">
        <Flex direction="column" gap="flush">
          <Text format={{ fontWeight: 'bold' }} testId="next">
            {words.next}: {nextAction(lead)}
          </Text>
          <Text variant="microcopy" testId="next-reason">
            {nextSentence(lead)}
          </Text>
          {lead.offered !== '' && (
            <Text variant="microcopy" testId="offered">
              {lead.offered}
            </Text>
          )}
          {lead.task !== null && <OpenTask task={lead.task} timezone={timezone} />}
          {task.problem !== '' && (
            <Text variant="microcopy" testId="task-problem">
              {task.problem}
            </Text>
          )}
        </Flex>
        <NextButton lead={lead} task={task} />
      </Flex>
    </Tile>
  );
}

function OpenTask({ task, timezone }: { task: NonNullable<Lead['task']>; timezone: string }) {
  return (
    <Text variant="microcopy" testId="open-task">
      {taskLine(task, timezone)} {task.url !== '' && <Link href={task.url}>{words.task.open}</Link>}
    </Text>
  );
}

function NextButton({ lead, task }: Omit<Props, 'timezone'>) {
  const context = { objectTypeId: '0-1', objectId: Number(lead.contact_id) };
  if (lead.next_action === 'Email') {
    return (
      <CrmActionButton
        actionType="SEND_EMAIL"
        actionContext={context}
        variant="primary"
        size="sm"
        testId="write-email"
      >
        {words.writeEmail}
      </CrmActionButton>
    );
  }
  if (lead.task !== null) {
    return null;
  }
  if (!lead.makes_tasks) {
    return (
      <CrmActionButton
        actionType="ADD_TASK"
        actionContext={context}
        variant="primary"
        size="sm"
        testId="create-task"
      >
        {words.createTask}
      </CrmActionButton>
    );
  }
  return (
    <LoadingButton
      variant="primary"
      size="sm"
      loading={task.sending}
      onClick={task.create}
      testId="create-task"
    >
      {words.createTask}
    </LoadingButton>
  );
}
