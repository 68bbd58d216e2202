"""An assistant as a file that can be taken anywhere: written, read with distrust, and made into an assistant again."""
