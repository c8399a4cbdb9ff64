package command

import (
	"context"
	"fmt"

	"tidemark/internal/dyn"
	"tidemark/table"
)

func registerFailures() {
	register(&Command{
		Head: ".show ingestion failures", Usage: ".show ingestion failures",
		Doc:     "Lists the records that could not be read when they were loaded.",
		Example: ".show ingestion failures | summarize count() by ErrorCode, IngestionSourcePath", read: fixed(showFailures),
	})
}

// showFailures shows _IngestionFailures with the columns that Kusto's command
// has. What Tidemark does not know, such as a principal, is empty.
func showFailures(ctx context.Context, e *Env, _ []name) (*answer, error) {
	query := fmt.Sprintf(`%s
| project OperationId="", Database=%s, Table=TargetTable, FailedOn=TimeGenerated, IngestionSourcePath=Source,
    Details=iff(isnull(Line), Reason, strcat("line ", Line, ": ", Reason)), FailureKind="Permanent", RootActivityId="", OperationKind="DataIngestPull",
    OriginatesFromUpdatePolicy=false, ErrorCode=Class, Principal="", ShouldRetry=false, User="",
    IngestionProperties=strcat("[Format=", Format, "]"), NumberOfSources=Count
| sort by FailedOn desc`, table.IngestionFailures, dyn.AppendString(nil, []byte(e.Database)))
	s := &setting{query: query}
	cols, parts, _, _, err := s.rows(ctx, e)
	if err != nil {
		return nil, err
	}
	a := &answer{cols: cols}
	for _, p := range parts {
		a.records = append(a.records, recordOf(cols, p.arrays, p.rows))
	}
	return a, nil
}
