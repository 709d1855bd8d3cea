import { Component, type ComponentType, type ReactNode } from 'react';
import { createController } from '@remote-ui/react/host';
import { LineChart } from './chart';
import { CrmActionButton, CrmActionLink } from './crm';
import {
  Alert,
  EmptyState,
  ErrorState,
  LoadingSpinner,
  ProgressBar,
  ScoreCircle,
} from './feedback';
import { Button, Link, LoadingButton, Select, TextArea } from './inputs';
import * as layout from './layout';
import { Heading, StatusTag, Tag, Text } from './text';

const COMPONENTS: Record<string, ComponentType<never>> = {
  ...layout,
  Alert,
  Button,
  CrmActionButton,
  CrmActionLink,
  EmptyState,
  ErrorState,
  Heading,
  LineChart,
  Link,
  LoadingButton,
  LoadingSpinner,
  ProgressBar,
  ScoreCircle,
  Select,
  StatusTag,
  Tag,
  Text,
  TextArea,
};

/** A component this page does not know is a labelled box, never a blank page. */
function unknown(name: string) {
  return function Unknown({ children }: { children?: ReactNode }) {
    return (
      <div className="hs-unknown" data-testid="unmapped">
        <code>{name}</code> is not drawn by this stand-in
        {children}
      </div>
    );
  };
}

export function controller() {
  const made = createController(COMPONENTS as Parameters<typeof createController>[0]);
  const fallbacks = new Map<string, ComponentType<{ children?: ReactNode }>>();
  return {
    ...made,
    get: (name: string) => {
      if (name in COMPONENTS) {
        return made.get(name);
      }
      if (!fallbacks.has(name)) {
        fallbacks.set(name, unknown(name));
      }
      return fallbacks.get(name) as ReturnType<typeof made.get>;
    },
  } as typeof made;
}

/** What a card throws while it is drawn stays inside its own box. */
export class Boundary extends Component<{ children: ReactNode }, { problem: string }> {
  override state = { problem: '' };

  static getDerivedStateFromError(error: unknown) {
    return { problem: String(error) };
  }

  override render() {
    return this.state.problem === '' ? (
      this.props.children
    ) : (
      <div className="hs-unknown" data-testid="crashed" role="alert">
        The card failed: {this.state.problem}
      </div>
    );
  }
}
