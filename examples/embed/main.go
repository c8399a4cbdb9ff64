// Command embed is the smallest program with Tidemark in it: it loads a few
// changes and asks about them, row by row and as Arrow records.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"tidemark"
)

const changes = `
{"Type":"ConfigurationChange","TimeGenerated":"2026-03-10T22:30:41.1234567Z","Computer":"web-01","ConfigChangeType":"Files","ChangeCategory":"Modified","FileSystemPath":"/etc/passwd","Size":1451,"PreviousSize":1407,"_ItemId":"1"}
{"Type":"ConfigurationChange","TimeGenerated":"2026-03-10T22:30:41.1234567Z","Computer":"web-01","ConfigChangeType":"Files","ChangeCategory":"Added","FileSystemPath":"/etc/cron.d/sysupd","Size":88,"_ItemId":"2"}
{"Type":"ConfigurationChange","TimeGenerated":"2026-03-11T01:20:05.0000000Z","Computer":"db-01","ConfigChangeType":"Daemons","ChangeCategory":"Modified","SvcName":"ssh","SvcState":"stopped","SvcPreviousState":"running","_ItemId":"3"}
`

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	db, err := tidemark.Open("") // a scratch database; name a directory to keep it
	if err != nil {
		return err
	}
	defer db.Close()
	stats, err := db.Ingest(ctx, strings.NewReader(changes), tidemark.IngestOptions{})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d rows of format %s\n", stats.RowsIn, stats.Format)
	if err := rows(ctx, db, out); err != nil {
		return err
	}
	return records(ctx, db, out)
}

// rows reads an answer row by row. What a user typed goes in as a parameter,
// never as text of the query.
func rows(ctx context.Context, db *tidemark.DB, out io.Writer) error {
	result, err := db.Query(ctx, `
		declare query_parameters(computer:string);
		ConfigurationChange
		| where Computer == computer
		| project TimeGenerated, ChangeCategory, FileSystemPath, Size
		| sort by FileSystemPath asc`, tidemark.Param("computer", "web-01"))
	if err != nil {
		return err
	}
	defer result.Close()
	for row, err := range result.Rows(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s %s %s, %d bytes\n", row.Time("TimeGenerated").Format("15:04"),
			row.String("ChangeCategory"), row.String("FileSystemPath"), row.Int("Size"))
	}
	return nil
}

// records reads an answer column by column.
func records(ctx context.Context, db *tidemark.DB, out io.Writer) error {
	result, err := db.Query(ctx, `ConfigurationChange | summarize Changes = count() by Computer | sort by Changes desc`)
	if err != nil {
		return err
	}
	defer result.Close()
	for _, table := range result.Tables() {
		for record, err := range table.Records(ctx) {
			if err != nil {
				return err
			}
			fmt.Fprintln(out, record.Schema().Field(0).Name, record.Column(0))
			fmt.Fprintln(out, record.Schema().Field(1).Name, record.Column(1))
		}
	}
	return nil
}
