// Sends a mail by SMTP, or keeps it where there is nobody to send it.
export { dropKeptMails, createKeptMails, type KeptMail, KeptMails } from './kept-mails';
export { type Mail, MailRefused, Mailer } from './mailer';
export { MailModule, type MailSettings } from './mail.module';
export { mailRoutes } from './mail-routes';
