import { Flex, LoadingButton, ProgressBar, Text } from '@hubspot/ui-extensions';
import type { RescoreState } from '../hooks/useRescore';
import { RESCORE_STEPS, stageWords, words, type Verdict } from '../words';

type Props = {
  state: RescoreState;
  verdict: Verdict | null;
  disabled?: boolean;
  onRescore: () => void;
};

export function RescoreButton({ state, disabled = false, onRescore }: Omit<Props, 'verdict'>) {
  return (
    <LoadingButton
      size="sm"
      variant="secondary"
      loading={state.status === 'running'}
      disabled={disabled}
      onClick={onRescore}
      testId="rescore"
    >
      {words.rescore}
    </LoadingButton>
  );
}

/** Where a rescore stands, or how it ended. */
export function RescoreProgress({ state, verdict }: Pick<Props, 'state' | 'verdict'>) {
  if (state.status === 'running') {
    const { text, step } = stageWords(state.stage);
    return (
      <Flex direction="column" gap="flush" testId="progress">
        <ProgressBar value={step} maxValue={RESCORE_STEPS} aria-label={text} />
        <Text variant="microcopy">{text}</Text>
      </Flex>
    );
  }
  return verdict && <Text testId="verdict">{verdict.text}</Text>;
}
