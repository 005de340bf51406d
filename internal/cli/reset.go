package cli

import (
	"os"

	"github.com/spf13/cobra"

	"framepilot/internal/fault"
	"framepilot/tui/shell"
)

func (a *app) resetTerminalCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "reset-terminal",
		Short: "Give back a terminal that a killed guided pilot left without echo or on its own screen",
		Long: `The guided pilot gives its terminal back however it ends, but for kill -9 and a
machine that takes it away. Then keys may not be shown, the mouse may write, the
cursor may be gone: type this, blindly if need be, and Enter, or Ctrl-J.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			terminal, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
			if err != nil {
				return fault.New(fault.Usage, "type it in the terminal that is to be given back", "there is no terminal here: %w", err)
			}
			defer terminal.Close()
			return shell.Reset(terminal)
		},
	}
}
