package cli

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// wrongUsage is an error about what a command was called with.
func wrongUsage(cmd *cobra.Command, err error) error {
	if fault.HintOf(err) != "" {
		return err // the command knows better
	}
	return fault.New(fault.Usage, cmd.CommandPath()+" --help shows what it takes", "%w", err)
}

// orMeant is err with what was probably meant, where that is known.
func orMeant(err error, meant string) error {
	if meant == "" {
		return err
	}
	return fault.New(fault.Usage, "", "%w; did you mean %q?", err, meant)
}

// commandMeant is the command of a group that its first argument, which is
// none, is near to; "" where none is.
func commandMeant(group *cobra.Command, args []string) string {
	if !group.HasSubCommands() || len(args) == 0 {
		return ""
	}
	var names []string
	for _, c := range group.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return words.Nearest(args[0], names)
}

// flagMeant is the flag of a command that an unknown one is near to, with its
// dashes; "" where none is. A long flag behind one dash is near to itself.
func flagMeant(cmd *cobra.Command, err error) string {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return ""
	}
	name := unknown.GetSpecifiedName()
	if short := unknown.GetSpecifiedShortnames(); short != "" {
		name = short
	}
	if len(name) < 2 {
		return "" // a letter is near to every other
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if meant := words.Nearest(name, names); meant != "" {
		return "--" + meant
	}
	return ""
}
