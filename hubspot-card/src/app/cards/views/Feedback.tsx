import { useState } from 'react';
import { Button, Flex, Inline, Select, Text, TextArea } from '@hubspot/ui-extensions';
import type { Lead, Opinion } from '../api/types';
import type { FeedbackState, Reason } from '../hooks/useFeedback';
import { REASONS, reasonsFor, words } from '../words';

type Props = {
  given: Opinion | null;
  band: Lead['fit_level'];
  state: FeedbackState;
  onSend: (agrees: boolean, reason: Reason | '', comment: string) => void;
};

/** Agree, or disagree with a reason; what was said stays visible and can be changed. */
export function Feedback({ given, band, state, onSend }: Props) {
  const [asking, setAsking] = useState(false);
  const offered = reasonsFor(band);
  const [reason, setReason] = useState<Reason>(offered[0]?.value ?? 'wrong_facts');
  const [comment, setComment] = useState('');
  const sending = state === 'sending';
  if (asking) {
    return (
      <Flex direction="column" gap="extra-small">
        <Select
          label={words.whyDisagree}
          name="reason"
          options={offered}
          value={reason}
          onChange={(value) => setReason(value as Reason)}
          testId="reason-select"
        />
        <TextArea
          label={words.ownWords}
          description={words.ownWordsFor}
          name="comment"
          value={comment}
          maxLength={500}
          onChange={setComment}
          testId="comment"
        />
        <Inline gap="small">
          <Button
            size="sm"
            variant="secondary"
            disabled={sending}
            onClick={() => {
              onSend(false, reason, comment);
              setAsking(false);
            }}
            testId="send-feedback"
          >
            {words.send}
          </Button>
          <Button size="sm" variant="transparent" onClick={() => setAsking(false)}>
            {words.cancel}
          </Button>
        </Inline>
      </Flex>
    );
  }
  return (
    <Flex direction="column" gap="flush">
      <Inline gap="small" align="center">
        {given !== null && (
          <Text variant="microcopy" testId="given">
            {said(given)}
          </Text>
        )}
        {given?.agrees !== true && (
          <Button
            size="sm"
            variant="transparent"
            disabled={sending}
            onClick={() => onSend(true, '', '')}
            testId="agree"
          >
            {words.agree}
          </Button>
        )}
        <Button
          size="sm"
          variant="transparent"
          disabled={sending}
          onClick={() => setAsking(true)}
          testId="disagree"
        >
          {given !== null && !given.agrees ? words.change : words.disagree}
        </Button>
      </Inline>
      {state === 'failed' && <Text testId="feedback-failed">{words.feedbackFailed}</Text>}
    </Flex>
  );
}

function said(given: Opinion): string {
  if (given.agrees) {
    return words.agreed;
  }
  const reason = REASONS.find((one) => one.value === given.reason);
  return reason ? `${words.disagreed}: ${reason.label.toLowerCase()}` : words.disagreed;
}
