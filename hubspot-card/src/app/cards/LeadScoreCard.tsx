import { useCallback, useEffect, useRef } from 'react';
import { Flex, hubspot, LoadingButton, useExtensionActions } from '@hubspot/ui-extensions';
import type { Failure, Lead } from './api/types';
import { useFeedback } from './hooks/useFeedback';
import { useHere } from './hooks/useHere';
import { useLead, type LeadHook } from './hooks/useLead';
import { usePin } from './hooks/usePin';
import { useTask } from './hooks/useTask';
import { useRescore, type RescoreHook } from './hooks/useRescore';
import { Feedback } from './views/Feedback';
import { RescoreButton, RescoreProgress } from './views/Rescore';
import { Scored } from './views/Scored';
import { Broken, Disconnected, Loading, NotALead, NotScored, Scoring } from './views/States';
import { verdict, words } from './words';

hubspot.extend<'crm.record.sidebar'>(() => <LeadScoreCard />);

/** The contact's sidebar: reads once, follows changes, draws one view per state. */
export function LeadScoreCard() {
  const here = useHere();
  const lead = useLead(here.backend, here.objectId);
  const { reload, expectChange, state } = lead;
  const rescore = useRescore(here.backend, here.objectId, reload);
  const actions = useExtensionActions<'crm.record.sidebar'>();

  // HubSpot gives no way to take a listener back, so there is one for the life of the card.
  const listening = useRef(false);
  useEffect(() => {
    if (!listening.current) {
      listening.current = true;
      actions.onCrmPropertiesUpdate('*', expectChange);
    }
  }, [actions, expectChange]);

  const score = state.status === 'lead' ? state.lead.score : null;
  const shown = useRef(score);
  useEffect(() => {
    if (shown.current !== null && score !== null && shown.current !== score) {
      actions.refreshObjectProperties();
    }
    shown.current = score ?? shown.current;
  }, [actions, score]);

  switch (state.status) {
    case 'loading':
      return <Loading label={words.loading} />;
    case 'broken':
      return <Broken problem={state.problem} onRetry={() => void reload()} />;
    case 'refused':
      return <Refused failure={state.failure} rescore={rescore} />;
    case 'lead':
      return <ScoredLead leadHook={lead} lead={state.lead} stale={state.stale} rescore={rescore} />;
  }
}

function Refused({ failure, rescore }: { failure: Failure; rescore: RescoreHook }) {
  switch (failure.code) {
    case 'disconnected':
      return <Disconnected message={failure.message} />;
    case 'not_a_lead':
      return <NotALead reason={failure.message} />;
    case 'scoring':
      return <Scoring />;
    default:
      return (
        <NotScored failure={failure}>
          <Flex direction="column" gap="small">
            <LoadingButton
              variant="primary"
              loading={rescore.state.status === 'running'}
              onClick={rescore.start}
              testId="score-now"
            >
              {words.scoreNow}
            </LoadingButton>
            <RescoreProgress state={rescore.state} verdict={verdict(rescore.state, 0, 0)} />
          </Flex>
        </NotScored>
      );
  }
}

type ScoredProps = { leadHook: LeadHook; lead: Lead; stale: boolean; rescore: RescoreHook };

function ScoredLead({ leadHook, lead, stale, rescore }: ScoredProps) {
  const { backend, timezone } = useHere();
  const actions = useExtensionActions<'crm.record.sidebar'>();
  const feedback = useFeedback(backend, lead, leadHook.setFeedback);
  const { setTask, setPin, expectChange } = leadHook;
  const made = useCallback(
    (task: Lead['task']) => {
      setTask(task);
      expectChange(); // HubSpot's id follows in a moment
    },
    [setTask, expectChange],
  );
  const task = useTask(backend, lead.contact_id, made);
  const pin = usePin(
    backend,
    lead.contact_id,
    useCallback(
      (set: Lead['pin']) => {
        setPin(set);
        expectChange(); // the score follows in a moment
      },
      [setPin, expectChange],
    ),
  );
  const before = useRef(lead.score);
  const { state, start } = rescore;
  const said = verdict(state, before.current, lead.score);

  const press = useCallback(() => {
    before.current = lead.score;
    start();
  }, [lead.score, start]);

  const news = said?.isNews === true ? said.text : undefined;
  useEffect(() => {
    if (news !== undefined) {
      actions.addAlert({ type: 'success', message: news });
    }
  }, [actions, news]);

  return (
    <Scored
      lead={lead}
      stale={stale}
      timezone={timezone}
      task={task}
      pin={pin}
      progress={<RescoreProgress state={state} verdict={said} />}
      actions={
        <Flex direction="row" gap="small" justify="between" align="center" wrap>
          <RescoreButton state={state} disabled={lead.mode === 'paused'} onRescore={press} />
          <Feedback
            key={lead.fit_level}
            band={lead.fit_level}
            given={lead.feedback} state={feedback.state} onSend={feedback.send} />
        </Flex>
      }
    />
  );
}
