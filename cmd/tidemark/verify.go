package main

import (
	"context"
	"fmt"

	"tidemark"
	"tidemark/output"
)

var verifyCommand = &command{
	name: "verify",
	doc:  "Reads the whole database and says what is damaged, and where.",
	more: `The exit status is 3 where anything is damaged.`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		var d database
		d.addDir(f)
		return func(ctx context.Context, e *env, args []string) error {
			if len(args) > 0 {
				return usagef("verify takes no argument")
			}
			return verify(ctx, e, d)
		}
	},
}

func verify(ctx context.Context, e *env, d database) error {
	dir, err := d.path(e)
	if err != nil {
		return err
	}
	db, err := d.open(e, tidemark.ReadOnly())
	if err != nil {
		return err
	}
	defer db.Close()
	sum, err := db.Verify(ctx, func(problem error) {
		fmt.Fprintln(e.out, output.Clean(problem.Error()))
	})
	if err != nil {
		return fmt.Errorf("verify %s: %w", dir, err)
	}
	if sum.Problems > 0 {
		fmt.Fprintf(e.out, "%s in %s\n", output.Plural(int64(sum.Problems), "problem"), dir)
		return statusError(exitNoStore)
	}
	fmt.Fprintf(e.out, "%s is sound: %s in %s, %s\n", dir, output.Plural(sum.Rows, "row"), output.Plural(int64(sum.Tables), "table"), output.Bytes(sum.Bytes))
	return nil
}
