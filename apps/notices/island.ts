// The island of the notices: lists keep themselves up to date.

import { fresh } from "../../webui/islands/fresh";
import { heard, lists } from "../../webui/islands/list";
import { live } from "../../webui/islands/live";
import { outbox } from "../../webui/islands/outbox";

live(lists());
outbox(() => undefined);
fresh();
heard();
