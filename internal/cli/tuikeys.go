package cli

import (
	"fmt"
	"path/filepath"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"

	"framepilot/tui/keys"
)

// keysFile is where a person's own keys are kept.
func keysFile() string { return filepath.Join(xdg.ConfigHome, "framepilot", "keys.toml") }

func (a *app) tuiKeysCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "keys",
		Short: "Print which key does what, as the file that changes it",
		Long: `Prints the keys of the guided pilot as they are now, in the form of the file that
changes them. Keep what you want otherwise, a line or all of it, in

  ` + keysFile() + `

Enter, Esc, Tab, the arrows and Ctrl-C keep their meaning whatever it says.`,
		Example: "  framepilot tui keys > my-keys.toml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			own, err := keys.Read(keysFile())
			if err != nil {
				return err
			}
			fmt.Fprint(a.out, own.TOML())
			if own.File == "" {
				fmt.Fprintf(a.errs, "no keys of your own: there is no %s\n", keysFile())
			} else {
				fmt.Fprintf(a.errs, "as %s has them\n", own.File)
			}
			return nil
		},
	}
}
